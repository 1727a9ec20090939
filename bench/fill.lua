-- Writes finished checkouts as the service has written them, many in one call.
--
-- KEYS  stream
-- ARGV  number of the first checkout, how many, how many clients they are of, the template's checkout id,
--       the template's client id, then eight values an event, in the order of NAMES; the ids of events
--       are without the checkout's, '.1r'
local first, count, clients, checkout, client = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[5]
local ZEROS = {[15] = '00', [16] = '0', [17] = ''}
local NAMES = {'type', 'payload', 'emitted_at', 'checkout_id', 'event_id', 'version', 'causation_id', 'schema'}

-- A position as the index holds it, as in append.lua.
local function packed(position)
  local zeros = ZEROS[#position]
  return zeros and string.sub(position, 1, 13) .. zeros .. string.sub(position, 15) or position
end

for number = tonumber(first), tonumber(first) + count - 1 do
  local id, buyer = string.format('%016d', number), string.format('client-%05d', number % clients)
  for a = 6, #ARGV, 8 do
    local entry = {}
    for n, name in ipairs(NAMES) do
      entry[n * 2 - 1], entry[n * 2] = name, ARGV[a + n - 1]
    end
    entry[4] = string.gsub(string.gsub(entry[4], checkout, id), client, buyer)
    entry[8] = id
    local position = redis.call('XADD', KEYS[1], '*', unpack(entry))
    redis.call('HSET', '{' .. KEYS[1] .. '}:' .. id, string.sub(entry[10], 2), packed(position))
  end
end
