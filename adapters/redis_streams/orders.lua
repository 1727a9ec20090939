-- Reads a client's figures and rows at one moment. Not a transaction of commands: a server that is full
-- refuses those even where they only read.
--
-- KEYS  the client's rows, the client's totals
-- ARGV  the score to stay below ('(' in front, or '+inf'), how many rows
-- Answers {figures as field, value, ...}, {row, score, ...} newest first, {newest row of all, score}
return {
  redis.call('HGETALL', KEYS[2]),
  redis.call('ZREVRANGEBYSCORE', KEYS[1], ARGV[1], '-inf', 'WITHSCORES', 'LIMIT', 0, ARGV[2]),
  redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES'),
}
