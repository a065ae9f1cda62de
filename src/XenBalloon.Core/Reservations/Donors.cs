using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Reservations;

/// <summary>What a domain can give, and how fast.</summary>
/// <param name="Available">
/// All that it can give from what it holds now, including memory that is already on its way: down to its minimum and
/// its floor. Counted in whole pages.
/// </param>
/// <param name="Idle">How much of that is above what the domain wants.</param>
/// <param name="Rate">The measured speed of its balloon, per second; zero if it does not answer.</param>
public readonly record struct Donor(KiB Available, KiB Idle, KiB Rate);

/// <summary>The result of a choice of donors.</summary>
/// <param name="Missing">What all donors together cannot give; zero if they can give enough.</param>
/// <param name="Within">The time until the last of them has given its amount.</param>
public readonly record struct DonorChoice(KiB Missing, TimeSpan Within);

/// <summary>Why a domain gives no memory, or less than requested.</summary>
public enum DonorObstacle
{
    /// <summary>Its balloon moves, but slowly.</summary>
    Slow,

    /// <summary>Its balloon does not answer.</summary>
    Stuck,

    /// <summary>It is at its minimum.</summary>
    AtMinimum,

    /// <summary>It uses what it has: with less, it would stall.</summary>
    InUse,

    /// <summary>It does not report, so it keeps its boot memory.</summary>
    NotReporting,

    /// <summary>It is paused, suspended or shut down, and its balloon cannot answer.</summary>
    NotRunning,

    /// <summary>It is being built, or its memory is not populated yet.</summary>
    Starting,

    /// <summary>Its memory must not be moved: its size was set by hand, or a device is passed through to it.</summary>
    LeftAlone,
}

/// <summary>The state of a domain that could give memory.</summary>
/// <param name="Domain">The domain.</param>
/// <param name="Name">Its name.</param>
/// <param name="Holds">What it holds now, in the unit of its target.</param>
/// <param name="Target">Its new target.</param>
/// <param name="Obstacle">Why no more is requested from it, or it does not give; null if nothing hinders it.</param>
public readonly record struct DonorStatus(
    DomainIdentity Domain, string Name, KiB Holds, KiB Target, DonorObstacle? Obstacle = null);

/// <summary>
/// What was requested from a domain, and what it gave, while a reservation waited. Memory that it gives counts for
/// every waiting reservation.
/// </summary>
/// <param name="Domain">The domain.</param>
/// <param name="Name">Its name.</param>
/// <param name="HeldBefore">What it held when the reservation first counted it.</param>
/// <param name="Requested">How much of that is requested.</param>
/// <param name="Given">How much of that it has given.</param>
/// <param name="Obstacle">Why it does not give more; null if nothing hinders it.</param>
public readonly record struct Donation(
    DomainIdentity Domain, string Name, KiB HeldBefore, KiB Requested, KiB Given, DonorObstacle? Obstacle)
{
    /// <summary>Whether something hinders it. A domain between two steps is not hindered.</summary>
    public bool IsObstructed => Obstacle is not null;

    /// <summary>
    /// For example <c>web1 gave 40 KiB of 512 MiB and is slow</c> or <c>db1 is at its minimum</c>.
    /// </summary>
    public override string ToString()
    {
        string name = Name.Length > 0 ? Name : $"domain {Domain}";
        string given = $"{name} gave {Given} of {Requested}";
        return Obstacle is not { } obstacle ? given
            : Requested > Given ? $"{given} and {Describe(obstacle)}"
            : $"{name} {Describe(obstacle)}";
    }

    private static string Describe(DonorObstacle obstacle) => obstacle switch
    {
        DonorObstacle.Slow => "is slow",
        DonorObstacle.Stuck => "has a balloon that does not respond",
        DonorObstacle.AtMinimum => "is at its minimum",
        DonorObstacle.InUse => "uses what it has",
        DonorObstacle.NotReporting => "does not report",
        DonorObstacle.NotRunning => "is not running",
        DonorObstacle.Starting => "is being built",
        DonorObstacle.LeftAlone => "is not balanced",
        _ => obstacle.ToString(),
    };
}
