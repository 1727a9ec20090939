-- Acknowledges a delivery and keeps it as a dead letter, once.
--
-- KEYS  stream, dead letters, dead letter counts, dead letters of deliveries
-- ARGV  group, position, most fields to keep and most bytes of each, then the field names and values of
--       the dead letter
-- Answers 1 when it was set aside now, 0 when it was no longer pending.
-- The dead letter comes first: what a script has done before it fails stays done.
local group, position, most_fields, most_bytes = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local found = redis.pcall('XPENDING', KEYS[1], group, position, position, 1)
if found.err and not string.find(tostring(found.err), 'NOGROUP', 1, true) then return found end
if found.err or #found == 0 then return 0 end
local fields = {}
for a = 5, #ARGV do fields[#fields + 1] = ARGV[a] end
local entry = redis.call('XRANGE', KEYS[1], position, position)[1]
for n = 1, entry and math.min(#entry[2], most_fields * 2) or 0, 2 do
  fields[#fields + 1] = 'original.' .. string.sub(entry[2][n], 1, 100)
  fields[#fields + 1] = string.sub(entry[2][n + 1], 1, most_bytes)
end
local id = redis.call('XADD', KEYS[2], '*', 'group', group, 'position', position, unpack(fields))
local earlier = redis.call('HGET', KEYS[4], group .. ' ' .. position)
redis.call('HSET', KEYS[4], group .. ' ' .. position, earlier and earlier .. ' ' .. id or id)
redis.call('XACK', KEYS[1], group, position)
redis.call('HINCRBY', KEYS[3], group, 1)
return 1
