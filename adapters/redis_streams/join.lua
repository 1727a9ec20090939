-- Makes a group that is not there, and hands it again what an operator had handed it before it was lost.
--
-- Answers the place after which it begins; 0 where it was there.
--
-- KEYS  stream, checkpoints, redriven of the group
-- ARGV  group, where a group without a checkpoint begins, consumer name that no worker has, idle time in ms
local group = ARGV[1]
local begin = redis.call('HGET', KEYS[2], group) or ARGV[2]
local made = redis.pcall('XGROUP', 'CREATE', KEYS[1], group, begin, 'MKSTREAM')
if made.err then
  if string.find(tostring(made.err), 'BUSYGROUP', 1, true) then return 0 end
  return made
end
for _, position in ipairs(redis.call('SMEMBERS', KEYS[3])) do
  redis.call('XCLAIM', KEYS[1], group, ARGV[3], 0, position, 'IDLE', ARGV[4], 'RETRYCOUNT', 0, 'FORCE', 'JUSTID')
end
return begin
