-- Take over what an answer says of one limit. Answers 1, or 0 if the answer is older than what is known.
-- KEYS: the limit. ARGV: now, limit, remaining, resets (epoch seconds), slack in seconds, seconds to keep it.

local limit, remaining = tonumber(ARGV[2]), tonumber(ARGV[3])
local resets, slack = tonumber(ARGV[4]), tonumber(ARGV[5])
-- by_vendor: the window known is one that the vendor spoke of. One that we opened by ourselves gives way to its word.
local left, known, by_vendor = unpack(redis.call('HMGET', KEYS[1], 'left', 'resets', 'by_vendor'))

-- Calls still under way, this one not counted. Workers that died leave theirs behind, so never more than eight, and
-- never more than half of what a window holds.
local in_flight = tonumber(redis.call('HGET', KEYS[1], 'in_flight') or '0')
in_flight = math.max(math.min(in_flight - 1, 8, math.floor(limit / 2)), 0)

if left and math.abs(tonumber(known) - resets) <= slack then
    -- The same window: answers may overtake each other, so the lowest figure counts.
    left = math.min(tonumber(left), remaining)
    resets = math.max(tonumber(known), resets)
elseif left and tonumber(known) > resets and (by_vendor or resets <= tonumber(ARGV[1])) then
    return 0 -- a late answer of the window before
else
    -- A window we did not know: the vendor has not counted yet what is under way.
    left = remaining - in_flight
end
redis.call('HSET', KEYS[1], 'left', left, 'resets', tostring(resets), 'limit', limit, 'by_vendor', 1)
-- Only answers with calls left are taken as saying where the windows are.
if remaining > 0 then redis.call('HSET', KEYS[1], 'reported', 1) end
redis.call('EXPIRE', KEYS[1], math.max(ARGV[6], (redis.call('HGET', KEYS[1], 'seconds') or 0) * 4))
return 1
