-- Acknowledges a delivery and keeps it as a dead letter, once.
--
-- KEYS  stream, dead letters, dead letter counts
-- ARGV  group, position, most bytes of a field to keep, then the field names and values of the dead letter
-- Answers 1 when it was set aside now, 0 when it was no longer pending.
local group, position, most = ARGV[1], ARGV[2], tonumber(ARGV[3])
if redis.call('XACK', KEYS[1], group, position) == 0 then return 0 end
local fields = {}
for a = 4, #ARGV do fields[#fields + 1] = ARGV[a] end
local entry = redis.call('XRANGE', KEYS[1], position, position)[1]
for n = 1, entry and #entry[2] or 0, 2 do
  fields[#fields + 1] = 'original.' .. string.sub(entry[2][n], 1, 100)
  fields[#fields + 1] = string.sub(entry[2][n + 1], 1, most)
end
redis.call('XADD', KEYS[2], '*', 'group', group, 'position', position, unpack(fields))
redis.call('HINCRBY', KEYS[3], group, 1)
return 1
