-- Open the window of a limit known beforehand, if nothing is known of it yet.
-- KEYS: the limit. ARGV: now, calls, seconds.
if redis.call('EXISTS', KEYS[1]) == 0 then
    redis.call('HSET', KEYS[1], 'left', ARGV[2], 'limit', ARGV[2], 'seconds', ARGV[3],
               'resets', tostring(tonumber(ARGV[1]) + tonumber(ARGV[3])))
    redis.call('EXPIRE', KEYS[1], ARGV[3] * 4)
end
return 1
