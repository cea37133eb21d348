-- What was counted for each caller since the last time, put aside so that counting goes on. KEYS: the hash of calls, the
-- one put aside. What was put aside and never taken over is answered again.
if redis.call('EXISTS', KEYS[2]) == 0 and redis.call('EXISTS', KEYS[1]) == 1 then
    redis.call('RENAME', KEYS[1], KEYS[2])
end
return redis.call('HGETALL', KEYS[2])
