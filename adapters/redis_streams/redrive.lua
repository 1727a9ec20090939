-- Hands the entry of a dead letter to its group again, and to no other group.
--
-- KEYS  stream, dead letters, decisions, dead letter counts, redriven of the group, checkpoints
-- ARGV  id, group, position, the decision, consumer name that no worker has, idle time in ms
-- Answers 'redriven', 'already decided', 'unknown' or 'entry gone'.
local id, group, position = ARGV[1], ARGV[2], ARGV[3]
if #redis.call('XRANGE', KEYS[2], id, id) == 0 then return 'unknown' end
if redis.call('HEXISTS', KEYS[3], id) == 1 then return 'already decided' end
-- Forced into the group's pending list, long idle: the next worker that looks takes it over.
local function force(entry)
  return redis.pcall('XCLAIM', KEYS[1], group, ARGV[5], 0, entry, 'IDLE', ARGV[6],
    'RETRYCOUNT', 0, 'FORCE', 'JUSTID')
end
local claimed = force(position)
if claimed.err and string.find(tostring(claimed.err), 'NOGROUP', 1, true) then
  redis.call('XGROUP', 'CREATE', KEYS[1], group, redis.call('HGET', KEYS[6], group) or '0-0', 'MKSTREAM')
  for _, earlier in ipairs(redis.call('SMEMBERS', KEYS[5])) do force(earlier) end
  claimed = force(position)
end
if claimed.err then return claimed end
if #claimed == 0 then return 'entry gone' end
redis.call('HSET', KEYS[3], id, ARGV[4])
redis.call('HINCRBY', KEYS[4], group, -1)
redis.call('SADD', KEYS[5], position)
return 'redriven'
