using XenBalloon.Simulation.Judging.Runs;

namespace XenBalloon.Simulation.Judging.Metrics;

/// <summary>How evenly guests got what they were entitled to.</summary>
public static class Fairness
{
    /// <summary>Jain's index, (Σx)² / (n Σx²): 1 when all are alike, 1/n when one has everything (Jain, Chiu, Hawe, DEC-TR-301, 1984).</summary>
    /// <param name="received">What each guest received, as a part of what it was entitled to.</param>
    /// <returns>Null for nobody; 1 when all received nothing, since then all fared alike.</returns>
    public static double? Jain(IReadOnlyList<double> received)
    {
        ArgumentNullException.ThrowIfNull(received);
        if (received.Count == 0) return null;
        double sum = received.Sum();
        return sum == 0 ? 1 : sum * sum / (received.Count * received.Sum(value => value * value));
    }

    /// <summary>What a guest received, as a part of what it was entitled to; null for one that was never there.</summary>
    internal static double? Received(GuestRun guest) => Received(guest.ReceivedKiBSeconds, guest.EntitledKiBSeconds);

    /// <summary>What was received, as a part of what was due; null where nothing was.</summary>
    internal static double? Received(double received, double entitled) => entitled > 0 ? received / entitled : null;
}
