-- Moves a group's checkpoint forward, never back, and forgets what was redriven and is dealt with.
--
-- KEYS  checkpoints, stream, redriven of the group
-- ARGV  group, position, the group's cursor
local function place(position)
  local ms, number = string.match(position, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(number)
end
local function is_beyond(one, other)
  local ms, number = place(one)
  local other_ms, other_number = place(other)
  return ms > other_ms or (ms == other_ms and number > other_number)
end
for _, position in ipairs(redis.call('SMEMBERS', KEYS[3])) do
  -- Beyond the cursor it is yet to come: the group was made again, from further back.
  if not is_beyond(position, ARGV[3]) then
    local found = redis.pcall('XPENDING', KEYS[2], ARGV[1], position, position, 1)
    if not found.err and #found == 0 then redis.call('SREM', KEYS[3], position) end
  end
end
local saved = redis.call('HGET', KEYS[1], ARGV[1])
if saved and not is_beyond(ARGV[2], saved) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1
