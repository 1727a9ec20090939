-- Writes finished checkouts as the service has written them, many in one call.
--
-- KEYS  stream
-- ARGV  number of the first checkout, how many, how many clients they are of, the template's checkout id,
--       the template's client id, then eight values an event, in the order of NAMES
local first, count, clients, checkout, client = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[5]
local NAMES = {'type', 'payload', 'emitted_at', 'checkout_id', 'event_id', 'version', 'causation_id', 'schema'}

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
    redis.call('HSET', '{' .. KEYS[1] .. '}:' .. id, entry[10], position)
  end
end
