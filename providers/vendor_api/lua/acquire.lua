-- Take one call from every limit, or none: answers '0', or the moment (epoch seconds) when there is room again.
-- KEYS: the limits known, a hash each (rate_limits.py says what is in it).
-- ARGV: now in epoch seconds; the share of each limit that is left to others (0 to 1); what the call uses up of each
-- limit, which is 1 where the vendor counts calls.

local now, reserve, wait = tonumber(ARGV[1]), tonumber(ARGV[2]), 0

-- Calls of the last eleven tenths of a window, and the number of the oldest tenth among them. Older tenths are deleted
-- here, since nothing else looks at them.
local function recent_calls(key, tenth)
    local used, oldest, fields = 0, tenth, redis.call('HGETALL', key)
    for i = 1, #fields, 2 do
        local number = tonumber(string.match(fields[i], '^tenth:(%d+)$'))
        if number and number < tenth - 10 then
            redis.call('HDEL', key, fields[i])
        elseif number then
            used, oldest = used + tonumber(fields[i + 1]), math.min(oldest, number)
        end
    end
    return used, oldest
end

-- What the call uses up of a limit; never more than who calls may have of it at all, else it would wait for ever.
local function cost_of(place, limit)
    return math.min(tonumber(ARGV[2 + place]), math.max(limit - math.floor(limit * reserve), 1))
end

-- First every limit is asked, then all are counted: a call that one of them refuses must cost the others nothing.
local costs = {}
for place, key in ipairs(KEYS) do
    local left, resets, limit = unpack(redis.call('HMGET', key, 'left', 'resets', 'limit'))
    if left then
        left, resets, limit = tonumber(left), tonumber(resets), tonumber(limit)
        local cost = cost_of(place, limit)
        costs[key] = cost
        if now >= resets then
            -- The window is over. The next one begins now if we know how long it is; else the vendor's next answer
            -- tells, and until then nothing holds us back. Calls under way stay counted for it.
            local seconds = tonumber(redis.call('HGET', key, 'seconds') or '0')
            if seconds > 0 then
                redis.call('HSET', key, 'left', limit, 'resets', now + seconds)
                redis.call('HDEL', key, 'by_vendor')
                left = limit
            else
                redis.call('HDEL', key, 'left', 'resets', 'by_vendor')
                left, costs[key] = nil, nil
            end
        end
        -- `resets` is still the old window's here, so that a limit that has just been filled up is not waited for.
        if left and left - cost < math.floor(limit * reserve) and resets > now then
            wait = math.max(wait, resets)
        end
        local seconds, reported = unpack(redis.call('HMGET', key, 'seconds', 'reported'))
        if left and seconds and not reported then
            -- The vendor has not said when its windows begin, so ours may begin in the middle of one of its own: the
            -- end of ours and the beginning of the next would both fall into it. Eleven tenths cover any place where
            -- it may begin; the oldest of them is forgotten eleven tenths after its beginning.
            local width = seconds / 10
            local used, oldest = recent_calls(key, math.floor(now / width))
            if used + cost > limit - math.floor(limit * reserve) then wait = math.max(wait, (oldest + 11) * width) end
        end
    end
end
if wait > 0 then return tostring(wait) end

for _, key in ipairs(KEYS) do
    redis.call('HINCRBY', key, 'in_flight', 1)
    if redis.call('TTL', key) < 0 then redis.call('EXPIRE', key, 120) end
    local cost = costs[key]
    if cost then
        redis.call('HINCRBY', key, 'left', -cost)
        local seconds = redis.call('HGET', key, 'seconds')
        if seconds then
            redis.call('HINCRBY', key, string.format('tenth:%d', math.floor(now * 10 / seconds)), cost)
            -- Longer than the eleven tenths that must be remembered, and then some for an app that is seldom used.
            redis.call('EXPIRE', key, seconds * 4)
        end
    end
end
return '0'
