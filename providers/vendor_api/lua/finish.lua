-- A call is over, however it ended. KEYS: the limits known.
for _, key in ipairs(KEYS) do
    local in_flight = tonumber(redis.call('HGET', key, 'in_flight') or '0')
    -- Capped, for calls whose worker died are never finished.
    if in_flight > 0 then redis.call('HSET', key, 'in_flight', math.min(in_flight - 1, 8)) end
end
return 1
