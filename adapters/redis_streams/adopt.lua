-- Gives an entry of another program its place in its entity's history; the same place each time.
--
-- KEYS  the entity's index
-- ARGV  position, '1' when it may be the first of its entity
-- Answers {version, 1 when it is new}, or nothing where it would be the first and may not.
local known = redis.call('HGET', KEYS[1], ARGV[1])
if known then return {tonumber(string.match(known, '@(%d+)$')), 0} end
local version = redis.call('HLEN', KEYS[1]) + 1
if version == 1 and ARGV[2] ~= '1' then return false end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[1] .. '@' .. version)
return {version, 1}
