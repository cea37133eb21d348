-- Lines of work in which organizations take turns. One program with three verbs, so that keys are named in one place.
--
--   ring                     owners that have something waiting, the next one first
--   waiting                  what waits, and until when its wake-up is believed to be on its way (ms)
--   of:<owner>               what waits of one owner, the oldest first
--   running:<owner>          what workers do for an owner, and when that is no longer believed (ms)
local line, verb, owner, item = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local lasts = tonumber(ARGV[4])
local LOOKED_AT = 64
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ring, waiting = line .. ':ring', line .. ':waiting'

local function of(who) return line .. ':of:' .. who end
local function running(who) return line .. ':running:' .. who end

-- 1 where a wake-up is needed.
if verb == 'push' then
    local known = redis.call('ZSCORE', waiting, item)
    if not known then
        if redis.call('RPUSH', of(owner), item) == 1 then redis.call('RPUSH', ring, owner) end
    elseif tonumber(known) > now then
        return 0
    end
    redis.call('ZADD', waiting, now + lasts, item)
    return 1
end

if verb == 'end' then
    redis.call('ZREM', running(owner), item)
    return 0
end

-- take: of the owners next in the ring, the first of those for whom the fewest workers are at it; and whether the item
-- that the task was sent for still waits.
local best, fewest
for _, who in ipairs(redis.call('LRANGE', ring, 0, LOOKED_AT - 1)) do
    redis.call('ZREMRANGEBYSCORE', running(who), '-inf', now)
    local busy = redis.call('ZCARD', running(who))
    if not fewest or busy < fewest then best, fewest = who, busy end
    if fewest == 0 then break end
end
if not best then return {} end
redis.call('LREM', ring, 1, best)
local taken = redis.call('LPOP', of(best))
if redis.call('LLEN', of(best)) > 0 then redis.call('RPUSH', ring, best) end
if not taken then return {} end
redis.call('ZREM', waiting, taken)
redis.call('ZADD', running(best), now + lasts, taken)
redis.call('PEXPIRE', running(best), lasts)
return {best, taken, redis.call('ZSCORE', waiting, item) and 1 or 0}
