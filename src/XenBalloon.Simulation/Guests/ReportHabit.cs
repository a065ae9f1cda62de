namespace XenBalloon.Simulation.Guests;

/// <summary>What a guest says of its own memory.</summary>
public enum ReportHabit
{
    /// <summary>What its kernel shows.</summary>
    Honest,

    /// <summary>Nothing, ever: no agent is installed.</summary>
    Silent,

    /// <summary>That everything it has is in use, so that it be given more than its share.</summary>
    ClaimsAllUsed,

    /// <summary>That nothing is in use.</summary>
    ClaimsNothingUsed,

    /// <summary>Anything, another thing each time.</summary>
    Junk,

    /// <summary>What its kernel shows, as often as it can.</summary>
    Flooding,
}

/// <summary>What habits have in common.</summary>
internal static class ReportHabits
{
    /// <summary>Whether what the guest says is not what its kernel shows.</summary>
    public static bool Lies(this ReportHabit habit) =>
        habit is ReportHabit.ClaimsAllUsed or ReportHabit.ClaimsNothingUsed or ReportHabit.Junk;
}
