-- Reads a client's figures and rows at one moment. Not a transaction of commands: a server that is full
-- refuses those even where they only read.
--
-- KEYS  the editions, the client's rows, the client's totals
-- ARGV  the editions as the caller knows them, the score to stay below ('(' in front, or '+inf'), how many rows,
--       how many of the newest of all rows to pass over, and how many of them to give
-- Answers {the editions as they are}, and where they are those that the caller knows also
-- {figures as field, value, ...}, {row, score, ...} newest first, {row, score, ...} the newest of all
local editions = redis.call('GET', KEYS[1]) or ''
if editions ~= ARGV[1] then return {editions} end
return {
  editions,
  redis.call('HGETALL', KEYS[3]),
  redis.call('ZREVRANGEBYSCORE', KEYS[2], ARGV[2], '-inf', 'WITHSCORES', 'LIMIT', 0, ARGV[3]),
  redis.call('ZREVRANGE', KEYS[2], ARGV[4], ARGV[4] + ARGV[5] - 1, 'WITHSCORES'),
}
