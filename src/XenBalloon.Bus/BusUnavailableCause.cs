namespace XenBalloon.Bus;

/// <summary>Why there is no control bus.</summary>
public enum BusUnavailableCause
{
    /// <summary>libsystemd is not installed.</summary>
    NoLibrary,

    /// <summary>No bus listens, or it does not answer.</summary>
    NoBus,

    /// <summary>Another process owns our bus name: most likely a second daemon.</summary>
    NameTaken,

    /// <summary>The bus does not let us in, or does not let us own our name.</summary>
    Denied,

    /// <summary>There was a bus, and the connection to it ended.</summary>
    Lost,
}
