namespace XenBalloon.Bus.Definitions;

/// <summary>What polkit says.</summary>
internal enum PolkitAnswer
{
    /// <summary>The caller may.</summary>
    Authorized,

    /// <summary>The caller may not.</summary>
    Denied,

    /// <summary>The caller could be asked for a password, but did not allow for that.</summary>
    NeedsPassword,

    /// <summary>There is no polkit.</summary>
    Absent,
}
