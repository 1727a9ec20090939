-- Appends transactions of events, each whole or not at all, in order.
--
-- KEYS  stream, snapshots, then the index of each write's entity
-- ARGV  number of transactions, emitted_at and schema of all events; per transaction: number of writes;
--       per write: entity, expected version (-1: to be left out), number of events, snapshot ('' for none);
--       per event: type, payload, checkout_id, event_id, causation_id, and '' or
--       'traceparent correlation_id' with the one or the other empty
-- Answers one list per transaction:
--       {0, positions...} appended, {1, positions...} an event id was known, {2, entity, version} conflict
local HEAD, EVENT, DASH, DOT = 4, 6, string.byte('-.', 1, 2)
local stream, snapshots = KEYS[1], KEYS[2]
local emitted_at, schema = ARGV[2], ARGV[3]

-- An event's id as the index has it: '.1r' as '1r'.
local function event_id(at, n)
  local id = ARGV[at + HEAD + n * EVENT + 3]
  return string.byte(id) == DOT and string.sub(id, 2) or id
end

-- Entities (by index key) of transactions that were left out. A snapshot that follows for one of them was
-- made as if they had been written, even where somebody else's events make the version right.
local left_out = {}

local function known_positions(at, key, writes)
  local known, conflict = {}, nil
  for w = 1, writes do
    local index, expected, events = KEYS[key], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
    local version = redis.call('HLEN', index)
    if version > 0 then
      for n = 0, events - 1 do
        local position = redis.call('HGET', index, event_id(at, n))
        if position then known[#known + 1] = position end
      end
    end
    local stale = version ~= expected or (ARGV[at + 3] ~= '' and left_out[index])
    if stale and not conflict then conflict = {2, ARGV[at], version} end
    at, key = at + HEAD + events * EVENT, key + 1
  end
  return known, conflict, at, key
end

-- A position as the index holds it: '1690000000000-7' as the number 1690000000000007, which takes 10 bytes
-- for 17. One that does not fit stays as it is.
local ZEROS = {[15] = '00', [16] = '0', [17] = ''}

local function packed(position)
  local zeros = string.byte(position, 14) == DASH and ZEROS[#position]
  return zeros and string.sub(position, 1, 13) .. zeros .. string.sub(position, 15) or position
end

local function add(a, version)
  local origin = ARGV[a + 5]
  if origin == '' then
    return redis.call('XADD', stream, '*', 'type', ARGV[a], 'payload', ARGV[a + 1], 'emitted_at', emitted_at,
      'checkout_id', ARGV[a + 2], 'event_id', ARGV[a + 3], 'version', version,
      'causation_id', ARGV[a + 4], 'schema', schema)
  end
  local trace, correlation = string.match(origin, '^(%S*) (%S*)$')
  local told = {}
  if trace ~= '' then told[1], told[2] = 'traceparent', trace end
  if correlation ~= '' then told[#told + 1], told[#told + 2] = 'correlation_id', correlation end
  return redis.call('XADD', stream, '*', 'type', ARGV[a], 'payload', ARGV[a + 1], 'emitted_at', emitted_at,
    'checkout_id', ARGV[a + 2], 'event_id', ARGV[a + 3], 'version', version,
    'causation_id', ARGV[a + 4], 'schema', schema, unpack(told))
end

local function write_all(at, key, writes)
  local outcome, states = {0}, {}
  for w = 1, writes do
    local entity, version = ARGV[at], tonumber(ARGV[at + 1])
    local events, snapshot = tonumber(ARGV[at + 2]), ARGV[at + 3]
    for n = 0, events - 1 do
      local position = add(at + HEAD + n * EVENT, version + n + 1)
      redis.call('HSET', KEYS[key], event_id(at, n), packed(position))
      outcome[#outcome + 1] = position
    end
    if snapshot ~= '' then states[#states + 1], states[#states + 2] = entity, snapshot end
    at, key = at + HEAD + events * EVENT, key + 1
  end
  if states[1] then redis.call('HSET', snapshots, unpack(states)) end
  return outcome
end

local outcomes, at, key = {}, 4, 3
for t = 1, tonumber(ARGV[1]) do
  local writes = tonumber(ARGV[at])
  local first = at + 1
  local known, conflict, next_at, next_key = known_positions(first, key, writes)
  if #known > 0 then
    outcomes[t] = {1, unpack(known)}
  elseif conflict then
    outcomes[t] = conflict
  else
    outcomes[t] = write_all(first, key, writes)
  end
  if outcomes[t][1] ~= 0 then
    for k = key, next_key - 1 do left_out[KEYS[k]] = true end
  end
  at, key = next_at, next_key
end
return outcomes
