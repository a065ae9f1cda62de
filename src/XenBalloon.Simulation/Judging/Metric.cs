
namespace XenBalloon.Simulation.Judging;

/// <summary>A metric of a run.</summary>
public sealed class Metric
{
    /// <summary>The name, as in pass lines and JSON: <c>slowdown.p99</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The unit.</summary>
    public required MetricUnit Unit { get; init; }

    /// <summary>The meaning, in one line.</summary>
    public required string Summary { get; init; }

    /// <summary>Which values are better.</summary>
    public Preference Preference { get; init; } = Preference.Low;

    /// <summary>A smaller difference does not matter, however significant.</summary>
    public double Noticeable { get; init; }

    /// <summary>
    /// Why a pass line holds if there was nothing to measure, as part of a sentence; null if the line is then
    /// undecided.
    /// </summary>
    public string? ReasonWhenUnmeasured { get; init; }

    /// <summary>Whether it also applies to a single guest.</summary>
    public bool AppliesToGuests => OfGuest is not null;

    /// <summary>Whether it compares policies, so that a single run has no value.</summary>
    public bool ComparesPolicies => OfHost is null;

    /// <summary>The value for all guests together; null if the run had nothing to measure.</summary>
    internal Func<RunOutcome, double?>? OfHost { get; init; }

    /// <summary>The value for one guest.</summary>
    internal Func<GuestRun, double?>? OfGuest { get; init; }

    /// <summary>The value in a run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="guest">The guest; null for all guests together.</param>
    /// <returns>Null if the run had nothing to measure or no such guest.</returns>
    public double? Of(RunOutcome run, string? guest = null)
    {
        if (guest is null) return OfHost?.Invoke(run);
        GuestRun? found = run.Guests.FirstOrDefault(candidate => candidate.Name == guest);
        return found is null ? null : OfGuest?.Invoke(found);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>The unit of a <see cref="Metric"/>.</summary>
public enum MetricUnit
{
    /// <summary>A plain number: a count, an index.</summary>
    Count,

    /// <summary>A factor or a fraction.</summary>
    Ratio,

    /// <summary>Seconds of scenario time.</summary>
    Seconds,

    /// <summary>MiB.</summary>
    MiB,

    /// <summary>GiB times minutes.</summary>
    GiBMinutes,

    /// <summary>Events per hour and domain.</summary>
    PerDomainHour,

    /// <summary>MiB per hour and domain.</summary>
    MiBPerDomainHour,
}

/// <summary>Which values of a <see cref="Metric"/> are better.</summary>
public enum Preference
{
    /// <summary>Lower is better.</summary>
    Low,

    /// <summary>Higher is better.</summary>
    High,

    /// <summary>Neither: it only describes.</summary>
    None,
}
