-- Notes that nothing more is to be done about a dead letter.
--
-- KEYS  dead letters, decisions, dead letter counts
-- ARGV  id, group, the decision
-- Answers 1, or 0 where it is unknown or was decided before.
if #redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1]) == 0 then return 0 end
if redis.call('HSETNX', KEYS[2], ARGV[1], ARGV[3]) == 0 then return 0 end
redis.call('HINCRBY', KEYS[3], ARGV[2], -1)
return 1
