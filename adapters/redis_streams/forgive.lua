-- Takes an attempt back from deliveries that a consumer still holds in that very attempt.
--
-- KEYS  stream
-- ARGV  group, consumer, then position and attempt of each delivery
-- Answers how many attempts were taken back.
local group, consumer, forgiven = ARGV[1], ARGV[2], 0
for n = 3, #ARGV, 2 do
  local position, attempt = ARGV[n], tonumber(ARGV[n + 1])
  local found = redis.pcall('XPENDING', KEYS[1], group, position, position, 1, consumer)
  if found.err then
    if string.find(tostring(found.err), 'NOGROUP', 1, true) then return 0 end
    return found
  end
  local held = found[1]
  if held and held[4] == attempt then
    redis.call('XCLAIM', KEYS[1], group, consumer, 0, position, 'IDLE', held[3], 'RETRYCOUNT', attempt - 1, 'JUSTID')
    forgiven = forgiven + 1
  end
end
return forgiven
