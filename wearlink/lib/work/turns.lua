-- Lines of work in which organizations take turns. One program with four verbs, so that keys are named in one place.
--
--   ring                     owners that have something waiting, the next one first
--   waiting                  what waits, and until when its wake-up is believed to be on its way (ms)
--   of:<owner>               what waits of one owner, the oldest first
--   running:<owner>          what workers do for an owner, and when that is no longer believed (ms)
--   later, whose             what comes into the line later: when its wake-up is to come (ms), and its owner
--   seen                     owners that have sent something, and when they did so last (ms)
--   spent                    owners, and how long workers were at it for them (ms)
--   clock                    what the owner taken last had spent: who comes new, or again, begins there, so that nobody
--                            saves up time while there is nothing to do
local line, verb, owner, item = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local lasts = tonumber(ARGV[4])
local LOOKED_AT, LATELY, KEPT, OVERDUE = 64, 10000, 600000, 10000
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ring, waiting, seen = line .. ':ring', line .. ':waiting', line .. ':seen'
local spent, clock = line .. ':spent', line .. ':clock'
local later, whose = line .. ':later', line .. ':whose'

local function of(who) return line .. ':of:' .. who end
local function running(who) return line .. ':running:' .. who end
local function had(who) return tonumber(redis.call('HGET', spent, who) or 0) end

-- What waits already, with a wake-up believed to be on its way, stays as it is: false.
local function join(who, what, believed)
    redis.call('ZADD', seen, now, who)
    local known = redis.call('ZSCORE', waiting, what)
    if not known then
        if redis.call('RPUSH', of(who), what) == 1 then
            redis.call('RPUSH', ring, who)
            local start = tonumber(redis.call('GET', clock) or 0)
            if had(who) < start then redis.call('HSET', spent, who, start) end
        end
    elseif tonumber(known) > now then
        return false
    end
    redis.call('ZADD', waiting, now + believed, what)
    return true
end

-- push: 1 where a wake-up is needed. lasts: how long it is then believed to be on its way.
if verb == 'push' then return join(owner, item, lasts) and 1 or 0 end

-- later: 1 where a wake-up is needed that comes when `lasts` is over. None is where one will come, or is on its way.
if verb == 'later' then
    local coming, known = redis.call('ZSCORE', later, item), redis.call('ZSCORE', waiting, item)
    if coming and tonumber(coming) + OVERDUE > now or known and tonumber(known) > now then return 0 end
    redis.call('ZADD', later, now + lasts, item)
    redis.call('HSET', whose, item, owner)
    return 1
end

-- end: a worker was at it for that long.
if verb == 'end' then
    redis.call('ZREM', running(owner), item)
    redis.call('HINCRBY', spent, owner, lasts)
    redis.call('PEXPIRE', spent, KEPT)
    return 0
end

-- take: of the owners next in the ring, of those for whom the fewest workers are at it, the one who has had the least
-- of their time; whether the item that the task was sent for still waits, and whether others have sent something
-- lately. lasts: how long a worker is then believed to be at it. First the item joins the line, if it was to do so later
-- (its wake-up is here, whatever the clocks say).
local who_came = redis.call('HGET', whose, item)
if who_came then
    redis.call('ZREM', later, item)
    redis.call('HDEL', whose, item)
    join(who_came, item, LATELY)
end
local best, fewest, least
for _, who in ipairs(redis.call('LRANGE', ring, 0, LOOKED_AT - 1)) do
    redis.call('ZREMRANGEBYSCORE', running(who), '-inf', now)
    local busy, time_had = redis.call('ZCARD', running(who)), had(who)
    if not fewest or busy < fewest or (busy == fewest and time_had < least) then
        best, fewest, least = who, busy, time_had
    end
end
if not best then return {} end
redis.call('LREM', ring, 1, best)
local taken = redis.call('LPOP', of(best))
if redis.call('LLEN', of(best)) > 0 then redis.call('RPUSH', ring, best) end
if not taken then return {} end
if least > tonumber(redis.call('GET', clock) or 0) then redis.call('SET', clock, string.format('%d', least), 'PX', KEPT) end
redis.call('ZREM', waiting, taken)
redis.call('ZADD', running(best), now + lasts, taken)
redis.call('PEXPIRE', running(best), lasts)
redis.call('ZREMRANGEBYSCORE', seen, '-inf', now - LATELY)
return {best, taken, redis.call('ZSCORE', waiting, item) and 1 or 0, redis.call('ZCARD', seen) > 1 and 1 or 0}
