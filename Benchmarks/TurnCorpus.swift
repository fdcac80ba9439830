import Audio
import Foundation
import Speech

/// What the benchmark of turns says over answers, and where it pauses.
enum TurnCorpus {
    /// Thirty utterances with a pause inside, where people think.
    static let paused: [(before: String, after: String)] = [
        ("I would like to book a table for", "four people on Friday."),
        ("Can you remind me to", "call my mother tonight?"),
        ("I was thinking that we could", "go to the museum."),
        ("My phone number is five five five", "one two three four."),
        ("I need bread, milk,", "and a dozen eggs."), ("Please turn on the", "light in the kitchen."),
        ("What is the weather like in", "Berlin tomorrow?"), ("It depends, because", "I have not decided yet."),
        ("Send a message to my", "brother that I am late."), ("The code is seven three", "nine two one."),
        ("I want to go to", "the railway station."), ("Well, um,", "I am not so sure about that."),
        ("Set an alarm for", "six thirty in the morning."), ("Do you know if", "the shop is open on Sunday?"),
        ("We should meet at the", "library at noon."), ("I like it very much, but", "it is too expensive."),
        ("Could you tell me how to", "get to the airport?"), ("My name is spelled A L", "E X."),
        ("Play some music by", "Johann Sebastian Bach."), ("I think the answer is", "forty two."),
        ("If it rains tomorrow,", "we will stay at home."), ("Let me see, so", "that would be on Monday."),
        ("Add two tickets and", "one programme, please."), ("How far is it from", "here to the sea?"),
        ("The meeting was about the", "budget for next year."), ("She said that", "she would come later."),
        ("I have lived here since", "nineteen ninety nine."), ("You can write to me at", "the office in town."),
        ("First I will cook, and then", "I will read a book."), ("Is there a train with", "a dining car?"),
    ]

    /// What listeners say while they are told something.
    static let backchannels = [
        "Mhm.", "Yeah.", "Okay.", "Right.", "Uh-huh.", "I see.", "Yes.", "Oh, okay.", "Sure.", "Yeah, yeah.", "Got it.",
        "Oh wow.", "Great.", "All right.", "Good.", "Okay, right.", "Of course.", "Exactly.",
    ]

    /// Twelve sounds that are no words: coughs, knocks, hums and clicks, at 16 kHz. The same in every run.
    static var noises: [PCM] {
        var state: UInt64 = 88_172_645_463_325_252
        func random() -> Float {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Float(Int64(bitPattern: state) >> 40) / Float(1 << 23)
        }
        return (0..<12).map { index in
            let length = [2400, 4800, 1600, 6400][index % 4]
            let loudness: Float = 0.1 + 0.05 * Float(index / 4)
            var low: Float = 0
            let samples = (0..<length).map { sample -> Float in
                let envelope = sin(.pi * Float(sample) / Float(length))
                switch index % 4 {
                case 0: return random() * envelope * loudness
                case 1:
                    low += 0.1 * (random() - low)
                    return low * 3 * envelope * loudness
                case 2: return (sample % 800 < 40 ? random() : 0) * loudness * 2
                default: return sin(Float(sample) * 0.05) * envelope * loudness
                }
            }
            return PCM(samples, sampleRate: 16_000)
        }
    }
}
