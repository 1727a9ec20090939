#!/bin/sh
# Prints a consumer for Kong: consumer.sh NAME, with what `comptoir keys create` says on standard input.
#
# The consumer gets a new key of its own, to be sent as x-api-key. Kong sends the service's key on instead,
# so that its scopes are what the consumer may do.
set -eu

name=${1:?usage: comptoir keys create ... | consumer.sh NAME}
case $name in
  *[!A-Za-z0-9._-]* | [!A-Za-z0-9]*) echo "consumer.sh: a name is letters, digits, . _ and -" >&2; exit 2 ;;
esac
api_key=$(grep -oE 'cpt_[a-z0-9-]+_[a-z2-7]{32}' | sed -n 1p)
[ -n "$api_key" ] || { echo "consumer.sh: there is no key of the service on standard input" >&2; exit 2; }
key=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
[ ${#key} = 64 ] || { echo "consumer.sh: no randomness to be had" >&2; exit 1; }

cat <<YAML
  - username: $name
    keyauth_credentials:
      - key: $key
    plugins:
      - name: request-transformer
        config:
          remove: {headers: [authorization]}
          add: {headers: ["authorization:Bearer $api_key"]}
YAML
