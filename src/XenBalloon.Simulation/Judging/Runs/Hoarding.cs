namespace XenBalloon.Simulation.Judging.Runs;

/// <summary>Memory that lay idle on the host while a guest lacked memory.</summary>
/// <param name="ShortageKiBSeconds">The sum over time of what guests lacked.</param>
/// <param name="HoardedKiBSeconds">The sum over time of what they lacked although as much was idle elsewhere, and long
/// enough to have been brought to them.</param>
/// <param name="HostKiBSeconds">The host's memory, times how long it was looked at.</param>
public readonly record struct Hoarding(double ShortageKiBSeconds, double HoardedKiBSeconds, double HostKiBSeconds = 0)
{
    /// <summary>50 MiB lacked for a minute in all: of less, no part is worth telling.</summary>
    private const double LeastShortage = 50 * 1024 * 60;

    /// <summary>Nor of less than this part of the host's memory: over a day, that much is noise.</summary>
    private const double LeastPart = 1 / 2000.0;

    /// <summary>What was hoarded, as a part of the shortage; null where there was none.</summary>
    public double? Part => ShortageKiBSeconds < Math.Max(LeastShortage, HostKiBSeconds * LeastPart) ? null : HoardedKiBSeconds / ShortageKiBSeconds;
}
