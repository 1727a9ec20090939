-- Removes consumers of a group that have not been heard of for long and hold nothing.
--
-- KEYS  stream
-- ARGV  group, idle time in ms, the consumer to keep whatever happens
-- Answers the names of those removed.
local found = redis.pcall('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])
if found.err then
  local said = string.lower(tostring(found.err))
  if string.find(said, 'nogroup', 1, true) or string.find(said, 'no such key', 1, true) then return {} end
  return found
end
local forgotten = {}
for _, consumer in ipairs(found) do
  local told = {}
  for n = 1, #consumer, 2 do told[consumer[n]] = consumer[n + 1] end
  -- With pending deliveries it stays: they would be dropped together with it.
  if told.pending == 0 and told.idle >= tonumber(ARGV[2]) and told.name ~= ARGV[3] then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], told.name)
    forgotten[#forgotten + 1] = told.name
  end
end
return forgotten
