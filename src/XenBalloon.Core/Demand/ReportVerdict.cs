namespace XenBalloon.Core.Demand;

/// <summary>What can be made of a guest's report.</summary>
public enum ReportVerdict
{
    /// <summary>Nothing has been heard since we listen.</summary>
    Silent,

    /// <summary>The newest report is too old to say anything.</summary>
    Stale,

    /// <summary>What it wrote last is no report, or says what no kernel could say: nothing is made of it.</summary>
    Implausible,

    /// <summary>The newest report is believed, within the guest's own minimum and maximum.</summary>
    Fresh,

    /// <summary>As fresh, but it writes far too often, and is read once a second only.</summary>
    Flooding,
}
