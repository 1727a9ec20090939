"""`comptoir up`, but for the pause before a process that died is started again.

Left at its default, it grows to half a minute for those that die again and again, and at a kill a second
there would soon be nobody left to kill.
"""

import os
import sys
from typing import Final

from entrypoints.settings import Settings
from entrypoints.up.child import RestartPause
from entrypoints.up.supervisor import run_everything

PAUSE: Final = RestartPause(first_s=0.2, longest_s=1.0)

if __name__ == "__main__":
    sys.exit(run_everything(Settings.from_environment(os.environ), pause=PAUSE))
