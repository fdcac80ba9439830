extension TemplateCategory {
    /// In the order in which they are tried.
    static let defaults: [TemplateCategory] = [
        greeting, farewell, how, what, affirmation, negation, compliment, confusion, time,
    ]

    private static let greeting = TemplateCategory(
        "greeting",
        keywords: [
            "hello", "hi", "hey", "hiya", "howdy", "greetings", "good morning", "good afternoon", "good evening",
            "nice to meet you", "what's up",
        ],
        phrases: [
            "Hello {user}! It's good to hear your voice.",
            "Hi {user}! What would you like to talk about?",
            "Hey {user}, welcome! How is your day going?",
            "Good to have you here, {user}. What's on your mind?",
            "Hello there! I'm listening, so go right ahead.",
        ]
    )

    private static let farewell = TemplateCategory(
        "farewell",
        keywords: [
            "bye", "goodbye", "bye bye", "farewell", "see you", "see ya", "good night", "take care",
            "talk to you later",
            "until next time", "have to go",
        ],
        phrases: [
            "Goodbye, {user}. It was nice talking with you.",
            "See you soon, {user}. Take care!",
            "Bye for now. Come back whenever you like.",
            "Until next time, {user}. Have a lovely day.",
            "Take care, {user}. I enjoyed our chat.",
        ]
    )

    private static let how = TemplateCategory(
        "question_how",
        keywords: ["how"],
        phrases: [
            "Good question. I would start with one small step and see how it goes.",
            "There is more than one way to do that. Which part would you like to look at first?",
            "Let's think about how that works together. What have you tried so far?",
            "That depends a little on the details. Could you tell me more?",
            "I like questions that begin with how. What makes you curious about it?",
        ]
    )

    private static let what = TemplateCategory(
        "question_what",
        // Questions for the time have a category of their own.
        pattern: #"\bwhat\b(?!.*\b(time|date|day|do you mean)\b)"#,
        phrases: [
            "That's an interesting thing to ask. What do you think yourself?",
            "I'd have to think about that for a moment. Why do you ask?",
            "There is a lot to say about that. Which side of it interests you most?",
            "Good question. What made you think of it?",
            "I'm not sure I have the best answer, but I'd love to hear your view.",
        ]
    )

    private static let affirmation = TemplateCategory(
        "affirmation",
        keywords: [
            "yes", "yeah", "yep", "yup", "sure", "okay", "alright", "of course", "absolutely", "definitely",
            "certainly",
            "exactly", "correct", "that's right", "sounds good", "i agree",
        ],
        phrases: [
            "Great, I'm glad we agree.",
            "Wonderful. Shall we go on?",
            "Perfect. Tell me more when you're ready.",
            "Good, that's settled then.",
            "Nice. What comes next?",
        ]
    )

    private static let negation = TemplateCategory(
        "negation",
        keywords: ["nope", "nah", "never", "not really", "no way", "no thanks", "i disagree", "i don't think so"],
        pattern: #"\bno\b(?! (idea|clue)\b)"#,
        phrases: [
            "All right, no problem at all.",
            "I understand. What would you prefer instead?",
            "That's fine. We can try something else.",
            "Fair enough, {user}. Thanks for being honest.",
            "Okay, let's leave it then.",
        ]
    )

    private static let compliment = TemplateCategory(
        "compliment",
        keywords: [
            "thank you", "thanks", "great job", "good job", "well done", "nice work", "good work", "awesome", "amazing",
            "brilliant", "fantastic", "you're great", "you're helpful", "i like you", "i love you",
        ],
        phrases: [
            "Thank you, {user}, that's very kind of you.",
            "That makes me happy to hear.",
            "You're welcome! You're pretty great yourself.",
            "Thanks! I'm doing my best.",
            "How nice of you to say that.",
        ]
    )

    private static let confusion = TemplateCategory(
        "confusion",
        keywords: [
            "i don't understand", "i don't get it", "don't follow", "confused", "confusing", "what do you mean", "huh",
            "pardon", "no idea", "no clue", "makes no sense", "doesn't make sense", "i'm lost",
        ],
        phrases: [
            "Sorry, I wasn't clear. Let me try to put it another way.",
            "Let's take a step back. Which part was confusing?",
            "No worries. Tell me where I lost you.",
            "That was my fault. What would you like me to explain?",
            "Let's sort this out together. What should we start with?",
        ]
    )

    private static let time = TemplateCategory(
        "time",
        keywords: ["time", "clock", "date", "what day", "today"],
        phrases: [
            "My clock says {time}.",
            "It's {time} now, and the date is {date}.",
            "Right now it is {time}.",
            "Today is {date}, and the time is {time}.",
        ]
    )

    /// What is said when no category matches.
    static let generic = TemplateCategory(
        "generic",
        phrases: [
            "I see. Tell me a little more about that.",
            "That's interesting. What happened next?",
            "I hear you. How do you feel about it?",
            "Thanks for telling me, {user}.",
            "You said: {input}. What makes that important to you?",
            "Hmm, let me think about that. Could you say a bit more?",
            "I'd like to understand that better. Can you give me an example?",
            "That gives me something to think about.",
            "Go on, I'm listening.",
            "Interesting point, {user}. What do you make of it?",
        ]
    )

    /// What is said when nothing was heard.
    static let empty = TemplateCategory(
        "empty",
        phrases: [
            "Sorry, I didn't catch that. Could you say it again?",
            "I couldn't hear you. Please repeat that.",
            "Could you please repeat what you said?",
            "I missed that. Would you mind saying it once more?",
            "I'm afraid I heard nothing. Please try again.",
        ]
    )
}
