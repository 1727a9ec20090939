#!/bin/sh
# Prints a consumer for Kong: consumer.sh NAME, with a key of the API on standard input.
#
#   umask 077
#   echo consumers: > consumers.yml
#   comptoir keys create ... | deploy/kong/consumer.sh shop >> consumers.yml
#
# The consumer gets a new key of its own, to be sent as x-api-key. Kong sends the API's key on instead, so
# that its scopes are what the consumer may do.
set -eu

name=${1:?usage: consumer.sh NAME, with a key of the API on standard input}
case $name in
  *[!A-Za-z0-9._-]* | [!A-Za-z]*) echo "consumer.sh: a name is letters, digits, . _ and -" >&2; exit 2 ;;
esac
IFS= read -r api_key || true
case $api_key in
  '' | *[!A-Za-z0-9._-]*) echo "consumer.sh: standard input has no key of the API" >&2; exit 2 ;;
esac
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
