namespace XenBalloon.Core.Hosts;

/// <summary>How a command ended. All of these are expected; a lost connection is not, and is thrown as <see cref="HostLostException"/>.</summary>
public enum CommandStatus
{
    /// <summary>Carried out.</summary>
    Done,

    /// <summary>The domain is gone, dying, or another one has its domid: nothing was written.</summary>
    DomainGone,

    /// <summary>xenstore or the hypervisor said no, or was busy for longer than we retry: nothing was written.</summary>
    Refused,
}
