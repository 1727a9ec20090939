-- Reads the histories of entities.
--
-- KEYS  stream, then each entity's index
-- Answers one list per entity, of {what the index says, {field, value, ...}} in no particular order.
local histories = {}
for k = 2, #KEYS do
  local history = {}
  local places = redis.call('HVALS', KEYS[k])
  for _, place in ipairs(places) do
    local position = string.match(place, '^[^@]+')
    local entry = redis.call('XRANGE', KEYS[1], position, position)[1]
    if entry then history[#history + 1] = {place, entry[2]} end
  end
  histories[k - 1] = history
end
return histories
