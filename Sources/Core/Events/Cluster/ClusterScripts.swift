import Redis

/// The programs that Redis carries out in one step each.
enum ClusterScripts {
    static let all = [publish, fetch, join, leave, heartbeat]

    /// Numbers a publication, keeps it, and tells all nodes.
    ///
    /// Keys: topic, history, state, the publisher's sequence, idempotency key (may be missing).
    /// Arguments: node, sequence, epoch for a new topic, topic, body, state key or nothing, 1 for a removal, history count,
    /// bytes and milliseconds, topic milliseconds, idempotency milliseconds, 1 if state is kept, state entries and bytes,
    /// sequence milliseconds, channel, the sequence that must have come before or 0.
    static let publish = RedisScript(
        "publish",
        source: """
            local node, sequence, body = ARGV[1], tonumber(ARGV[2]), ARGV[5]
            local last = tonumber(redis.call('GET', KEYS[4]) or '0')
            if sequence <= last then return {'repeated'} end
            if last < tonumber(ARGV[18]) then return {'early'} end
            redis.call('SET', KEYS[4], ARGV[2], 'PX', ARGV[16])
            if KEYS[5] then
                local earlier = redis.call('GET', KEYS[5])
                if earlier then
                    local epoch, offset = string.match(earlier, '^(%S+) (%d+)$')
                    return {'duplicate', epoch, offset}
                end
            end
            local stateKey, removes = ARGV[6], ARGV[7] == '1'
            local keepsState = ARGV[13] == '1' and stateKey ~= ''
            local oldSize, stateBytes = 0, 0
            if keepsState then
                oldSize = redis.call('HSTRLEN', KEYS[3], stateKey)
                stateBytes = tonumber(redis.call('HGET', KEYS[1], 'stateBytes') or '0')
                if not removes then
                    if oldSize == 0 and redis.call('HLEN', KEYS[3]) >= tonumber(ARGV[14]) then
                        return {'entries'}
                    end
                    if stateBytes - oldSize + #body > tonumber(ARGV[15]) then return {'bytes'} end
                end
            end
            local epoch = redis.call('HGET', KEYS[1], 'epoch')
            if not epoch then
                epoch = ARGV[3]
                redis.call('HSET', KEYS[1], 'epoch', epoch)
                redis.call('DEL', KEYS[2], KEYS[3])
                stateBytes, oldSize = 0, 0
            end
            local offset = redis.call('HINCRBY', KEYS[1], 'offset', 1)
            local number = string.format('%.0f', offset)
            local entry = number .. '\\n' .. node .. ' ' .. ARGV[2] .. '\\n' .. body
            local historyCount, historyBytes = tonumber(ARGV[8]), tonumber(ARGV[9])
            if historyCount > 0 then
                local count = redis.call('RPUSH', KEYS[2], entry)
                local bytes = #entry
                if count > 1 then bytes = bytes + tonumber(redis.call('HGET', KEYS[1], 'historyBytes') or '0') end
                while count > 0 and (count > historyCount or bytes > historyBytes) do
                    bytes = bytes - #redis.call('LPOP', KEYS[2])
                    count = count - 1
                end
                redis.call('HSET', KEYS[1], 'historyBytes', bytes)
                redis.call('PEXPIRE', KEYS[2], ARGV[10])
            end
            if keepsState then
                if removes then
                    redis.call('HDEL', KEYS[3], stateKey)
                    stateBytes = stateBytes - oldSize
                else
                    redis.call('HSET', KEYS[3], stateKey, entry)
                    stateBytes = stateBytes - oldSize + #entry
                end
                redis.call('HSET', KEYS[1], 'stateBytes', stateBytes)
            end
            redis.call('PEXPIRE', KEYS[1], ARGV[11])
            redis.call('PEXPIRE', KEYS[3], ARGV[11])
            if KEYS[5] then redis.call('SET', KEYS[5], epoch .. ' ' .. number, 'PX', ARGV[12]) end
            redis.call('PUBLISH', ARGV[17], 'p\\n' .. epoch .. '\\n' .. ARGV[4] .. '\\n' .. entry)
            return {'published', epoch, number}
            """
    )

    /// Tells what is kept of a topic: epoch, offset, 1 if everything after the asked offset is there, the end of the
    /// history, state, and the first offset that there is more of. Nothing if the topic is not known. The history comes in
    /// pages, the newest first: the next one ends before the first entry of the last. The state comes with the first page,
    /// unless that has all that was missing. Somebody who has more than there is tells that Redis has lost some of it; since
    /// the same offsets would be given again, another epoch begins.
    ///
    /// Keys: topic, history, state. Arguments: epoch and offset asked for, or nothing for all; an epoch to begin; bytes of a
    /// page; the last offset of the page, 0 for the first page.
    static let fetch = RedisScript(
        "fetch",
        source: """
            local epoch = redis.call('HGET', KEYS[1], 'epoch')
            if not epoch then return {} end
            local offset = tonumber(redis.call('HGET', KEYS[1], 'offset') or '0')
            local number = string.format('%.0f', offset)
            local since, room, last = tonumber(ARGV[2]), tonumber(ARGV[4]), tonumber(ARGV[5])
            local first = offset - redis.call('LLEN', KEYS[2]) + 1
            local complete, from = 0, first
            if epoch == ARGV[1] then
                if since > offset then
                    epoch = ARGV[3]
                    redis.call('HSET', KEYS[1], 'epoch', epoch)
                elseif since + 1 >= first then
                    complete, from = 1, since + 1
                end
            end
            local isFirst = last == 0
            if isFirst or last > offset then last = offset end
            local page, bytes, largest = {}, 0, 1
            while last >= from and bytes < room and #page < 4096 do
                local count = 1
                if bytes > 0 then count = math.floor((room - bytes) / largest) end
                count = math.max(1, math.min(count, 64, last - from + 1))
                local part = redis.call('LRANGE', KEYS[2], last - count - offset, last - offset - 1)
                if #part == 0 then break end
                for index = #part, 1, -1 do
                    if bytes >= room then break end
                    page[#page + 1] = part[index]
                    bytes = bytes + #part[index]
                    largest = math.max(largest, #part[index])
                    last = last - 1
                end
            end
            local entries = {}
            for index = #page, 1, -1 do entries[#entries + 1] = page[index] end
            local state = {}
            if isFirst and (complete == 0 or last >= from) then state = redis.call('HVALS', KEYS[3]) end
            return {epoch, number, complete, entries, state, string.format('%.0f', from)}
            """
    )

    /// Takes a member in and tells all nodes.
    ///
    /// Keys: the node's members. Arguments: node, version, seat (topic, line feed, id), name, channel, milliseconds.
    static let join = RedisScript(
        "join",
        source: """
            redis.call('HSET', KEYS[1], '', ARGV[2], ARGV[3], ARGV[4])
            redis.call('PEXPIRE', KEYS[1], ARGV[6])
            redis.call('PUBLISH', ARGV[5], 'j\\n' .. ARGV[1] .. '\\n' .. ARGV[2] .. '\\n' .. ARGV[3] .. '\\n' .. ARGV[4])
            """
    )

    /// Lets a member go and tells all nodes.
    ///
    /// Keys: the node's members. Arguments: node, version, seat (topic, line feed, id), channel, milliseconds.
    static let leave = RedisScript(
        "leave",
        source: """
            redis.call('HSET', KEYS[1], '', ARGV[2])
            redis.call('HDEL', KEYS[1], ARGV[3])
            redis.call('PEXPIRE', KEYS[1], ARGV[5])
            redis.call('PUBLISH', ARGV[4], 'l\\n' .. ARGV[1] .. '\\n' .. ARGV[2] .. '\\n' .. ARGV[3] .. '\\n')
            """
    )

    /// Shows that a node lives, removes those that do not, and tells all nodes of these.
    ///
    /// Keys: the set of nodes. Arguments: node, milliseconds, beginning of the keys of lives and of members, channel,
    /// milliseconds of members.
    static let heartbeat = RedisScript(
        "heartbeat",
        source: """
            redis.call('SET', ARGV[3] .. ARGV[1], '1', 'PX', ARGV[2])
            redis.call('SADD', KEYS[1], ARGV[1])
            redis.call('PEXPIRE', ARGV[4] .. ARGV[1], ARGV[6])
            for _, node in ipairs(redis.call('SMEMBERS', KEYS[1])) do
                if redis.call('EXISTS', ARGV[3] .. node) == 0 then
                    redis.call('SREM', KEYS[1], node)
                    redis.call('DEL', ARGV[4] .. node)
                    redis.call('PUBLISH', ARGV[5], 'd\\n' .. node)
                end
            end
            """
    )
}
