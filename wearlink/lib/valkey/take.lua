-- Counts one call in a bucket and reads a stamp. KEYS: the bucket, the stamp, the hash of calls of customers; an empty
-- name counts or reads nothing. ARGV: seconds of a window. Answers the count, the window's end and the stamp.
-- One window a bucket: it opens at the first call and is gone a minute later, by the server's clock, so that those of
-- the web machines do not matter.
local count, ends, stamp = 0, 0, ''
if KEYS[1] ~= '' then
    count = redis.call('INCR', KEYS[1])
    local left = redis.call('TTL', KEYS[1])
    if count == 1 or left < 0 then
        redis.call('EXPIRE', KEYS[1], ARGV[1])
        left = tonumber(ARGV[1])
    end
    ends = redis.call('TIME')[1] + left
    -- without the five letters of "rate:", as `drain` answers it
    if KEYS[3] ~= '' then redis.call('HINCRBY', KEYS[3], string.sub(KEYS[1], 6), 1) end
end
if KEYS[2] ~= '' then stamp = redis.call('GET', KEYS[2]) or '' end
return {count, ends, stamp}
