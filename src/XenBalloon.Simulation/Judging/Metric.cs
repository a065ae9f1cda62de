
namespace XenBalloon.Simulation.Judging;

/// <summary>Something that a run is judged by.</summary>
public sealed class Metric
{
    /// <summary>As it is typed in pass lines and named in JSON: <c>slowdown.p99</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What it is counted in.</summary>
    public required MetricUnit Unit { get; init; }

    /// <summary>What it says, in one line.</summary>
    public required string Summary { get; init; }

    /// <summary>Which way is better.</summary>
    public Preference Preference { get; init; } = Preference.Low;

    /// <summary>A difference of less than this is none that anyone would choose by, however sure it is.</summary>
    public double Noticeable { get; init; }

    /// <summary>
    /// Why nothing can be wrong where there was nothing to measure, as part of a sentence: what a scenario asks of it
    /// then holds. Null where that cannot be said, and it is undecided.
    /// </summary>
    public string? WhenNothing { get; init; }

    /// <summary>Whether it can be asked of a single guest too.</summary>
    public bool IsKnownOfGuests => OfGuest is not null;

    /// <summary>Whether it compares policies, so that a single run has no value of it.</summary>
    public bool ComparesPolicies => OfHost is null;

    /// <summary>Its value for all guests together; null where the run had nothing to measure.</summary>
    internal Func<RunOutcome, double?>? OfHost { get; init; }

    /// <summary>Its value for one guest.</summary>
    internal Func<GuestRun, double?>? OfGuest { get; init; }

    /// <summary>Its value.</summary>
    /// <param name="run">The run.</param>
    /// <param name="guest">The guest; null for all of them together.</param>
    /// <returns>Null where the run had nothing to measure, or no such guest.</returns>
    public double? Of(RunOutcome run, string? guest = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (guest is null) return OfHost?.Invoke(run);
        GuestRun? found = run.Guests.FirstOrDefault(one => one.Name == guest);
        return found is null ? null : OfGuest?.Invoke(found);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>What a <see cref="Metric"/> is counted in.</summary>
public enum MetricUnit
{
    /// <summary>A bare number: a count, an index.</summary>
    Count,

    /// <summary>A factor or a part of one.</summary>
    Ratio,

    /// <summary>Seconds of the scenario's time.</summary>
    Seconds,

    /// <summary>MiB.</summary>
    MiB,

    /// <summary>GiB held for a minute.</summary>
    GiBMinutes,

    /// <summary>Events in an hour for each domain.</summary>
    PerDomainHour,

    /// <summary>MiB in an hour for each domain.</summary>
    MiBPerDomainHour,
}

/// <summary>Which values of a <see cref="Metric"/> are better.</summary>
public enum Preference
{
    /// <summary>The lower the better.</summary>
    Low,

    /// <summary>The higher the better.</summary>
    High,

    /// <summary>Neither: it only tells what happened.</summary>
    None,
}
