-- Moves a group's checkpoint forward, never back.
--
-- KEYS  checkpoints
-- ARGV  group, position
local function place(position)
  local ms, number = string.match(position, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(number)
end
local saved = redis.call('HGET', KEYS[1], ARGV[1])
local ms, number = place(ARGV[2])
if saved then
  local saved_ms, saved_number = place(saved)
  if saved_ms > ms or (saved_ms == ms and saved_number >= number) then return 0 end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1
