namespace XenBalloon.Bus.Client;

/// <summary>Why the daemon could not be asked, or said no.</summary>
public enum BalloonClientCause
{
    /// <summary>Anything else; the message says what.</summary>
    Failed,

    /// <summary>The daemon does not run, or there is no bus to reach it by.</summary>
    DaemonAbsent,

    /// <summary>The caller may not do this.</summary>
    AccessDenied,

    /// <summary>There is no such domain.</summary>
    NoSuchDomain,

    /// <summary>What was asked is not there, or no longer.</summary>
    NoSuchObject,

    /// <summary>There is not so much memory, or it cannot be freed.</summary>
    NotEnoughMemory,

    /// <summary>The reservation's memory is not free yet.</summary>
    NotReady,
}
