namespace XenBalloon.Core.Hosts;

/// <summary>How a guest's reports come in.</summary>
public enum ReportIntake
{
    /// <summary>As its agent writes them; also while it has written none.</summary>
    Normal,

    /// <summary>What it wrote last is no report at all: junk, or a version that is not known. The report before it tells of another time.</summary>
    Unreadable,

    /// <summary>It writes far more often than any agent: it is read once a second, and what it says then counts like any other guest's word.</summary>
    Flooding,
}
