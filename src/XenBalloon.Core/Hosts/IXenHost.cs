namespace XenBalloon.Core.Hosts;

/// <summary>
/// A host whose domains' memory can be seen and moved: the real one (libxenstore and the hypervisor) or a simulated one. It decides nothing.
/// All members are for one caller at a time, except <see cref="WaitForChangeAsync"/>.
/// </summary>
public interface IXenHost : IDisposable
{
    /// <summary>What this host is, for the log and the status: for example <c>Xen 4.17</c> or <c>simulated (demo)</c>.</summary>
    string Description { get; }

    /// <summary>Takes a snapshot; sizes and caps are read anew each time.</summary>
    /// <exception cref="HostLostException">xenstored died.</exception>
    HostSnapshot Observe();

    /// <summary>Carries one command out, if the domain is still the same one.</summary>
    /// <exception cref="HostLostException">xenstored died.</exception>
    CommandOutcome Execute(HostCommand command);

    /// <summary>
    /// Completes as soon as something has changed since the last <see cref="Observe"/> (a report, a target, a domain come or gone); at once if it
    /// already has.
    /// </summary>
    /// <exception cref="HostLostException">xenstored died.</exception>
    Task WaitForChangeAsync(CancellationToken cancellation);
}
