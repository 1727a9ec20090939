-- Puts rows into clients' orders, each only over an older one of the same checkout.
--
-- KEYS  the editions, then per row: the client's rows, the client's totals
-- ARGV  the editions as the caller knows them, then per row: score, checkout id, version, 's' succeeded / 'c' created / 'f' failed, the row, updated at
-- A row begins with '<checkout id> <version> <status> '.
-- Answers the editions as they are; where they are others, nothing was done.
local editions = redis.call('GET', KEYS[1]) or ''
if editions ~= ARGV[1] then return editions end

local FIELDS = 6

local function parts(row) return string.match(row, '^(%S+) (%d+) (%a) ') end

local function older(rows, score, checkout)
  for _, row in ipairs(redis.call('ZRANGEBYSCORE', rows, score, score)) do
    local id, version, status = parts(row)
    if id == checkout then return row, tonumber(version), status end
  end
end

local function count(totals, status, by)
  redis.call('HINCRBY', totals, status == 'f' and 'failed' or 'orders', by)
end

for n = 0, (#KEYS - 1) / 2 - 1 do
  local rows, totals = KEYS[n * 2 + 2], KEYS[n * 2 + 3]
  local a = n * FIELDS + 1
  local score, checkout, version, status = ARGV[a + 1], ARGV[a + 2], tonumber(ARGV[a + 3]), ARGV[a + 4]
  local row, updated = ARGV[a + 5], ARGV[a + 6]
  local known, known_version, known_status = older(rows, score, checkout)
  if not known or known_version < version then
    if known then
      redis.call('ZREM', rows, known)
      count(totals, known_status, -1)
    end
    redis.call('ZADD', rows, score, row)
    count(totals, status, 1)
    if tonumber(updated) > tonumber(redis.call('HGET', totals, 'updated') or 0) then
      redis.call('HSET', totals, 'updated', updated)
    end
  end
end
return editions
