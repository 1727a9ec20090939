-- Writes an index entry as it is: a write to wait for, where there was nothing to add.
--
-- KEYS  an entity's index, per event id
-- ARGV  event ids
-- Answers how many of them are known.
local known, last = 0, nil
for n, key in ipairs(KEYS) do
  local position = redis.call('HGET', key, ARGV[n])
  if position then
    known, last = known + 1, {key, ARGV[n], position}
  end
end
if last then redis.call('HSET', last[1], last[2], last[3]) end
return known
