-- Reads the histories of entities.
--
-- KEYS  stream, then each entity's index
-- Answers one list per entity, of {position, {field, value, ...}} in no particular order; '@version' follows
-- the position where the entry does not say it. `append.lua` tells what the index holds.
local histories = {}
for k = 2, #KEYS do
  local history = {}
  local places = redis.call('HVALS', KEYS[k])
  for _, place in ipairs(places) do
    local position, version = string.match(place, '^(%d+%-%d+)(.*)$')
    position = position or string.sub(place, 1, 13) .. '-' .. tonumber(string.sub(place, 14))
    local entry = redis.call('XRANGE', KEYS[1], position, position)[1]
    if entry then history[#history + 1] = {position .. (version or ''), entry[2]} end
  end
  histories[k - 1] = history
end
return histories
