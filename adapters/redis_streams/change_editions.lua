-- Changes which edition of the read model is shown, and which is built, where nobody else has.
--
-- KEYS  the editions
-- ARGV  the editions as the caller knows them, what they shall be
-- Answers the editions as they were; where they are others than the caller knows, nothing was done.
local editions = redis.call('GET', KEYS[1]) or ''
if editions == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2]) end
return editions
