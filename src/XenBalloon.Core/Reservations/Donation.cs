using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Reservations;

/// <summary>What one domain was asked for, and gave, while a reservation gathered. Memory that it gives is everyone's: each reservation counts it.</summary>
/// <param name="Domain">Which domain.</param>
/// <param name="Name">What its owner calls it.</param>
/// <param name="HeldBefore">What it held when this reservation first met it.</param>
/// <param name="Asked">How much of that it is told to give.</param>
/// <param name="Given">How much of that it has given.</param>
/// <param name="Why">Why it does not give, or gives no more; null where nothing keeps it.</param>
public readonly record struct Donation(DomainIdentity Domain, string Name, KiB HeldBefore, KiB Asked, KiB Given, DonorObstacle? Why)
{
    /// <summary>Whether something keeps it from giving; one that only takes its next step is not in anybody's way.</summary>
    public bool IsObstructed => Why is not null;

    /// <summary>For example <c>web1 gave 40 KiB of 512 MiB and is slow</c> or <c>db1 is at its minimum</c>.</summary>
    public override string ToString()
    {
        string name = Name.Length > 0 ? Name : $"domain {Domain}";
        string given = $"{name} gave {Given} of {Asked}";
        return Why is not { } why ? given
            : Asked > Given ? $"{given} and {Words(why)}"
            : $"{name} {Words(why)}";
    }

    private static string Words(DonorObstacle why) => why switch
    {
        DonorObstacle.Slow => "is slow",
        DonorObstacle.Stuck => "does not answer",
        DonorObstacle.AtMinimum => "is at its minimum",
        DonorObstacle.InUse => "uses what it has",
        DonorObstacle.NotReporting => "reports nothing",
        DonorObstacle.NotRunning => "does not run",
        DonorObstacle.Starting => "is being built",
        DonorObstacle.LeftAlone => "is left at its size",
        _ => why.ToString(),
    };
}
