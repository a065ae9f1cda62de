using System.Collections.Immutable;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Hosts;

/// <summary>
/// A host whose domains' memory can be read and moved: a real one (libxenstore and the hypervisor) or a simulated one.
/// It decides nothing. Not thread-safe, except <see cref="WaitForChangeAsync"/>.
/// </summary>
public interface IXenHost : IDisposable
{
    /// <summary>
    /// The kind of host, for the log and the status: for example <c>Xen 4.17</c> or <c>simulated (demo)</c>.
    /// </summary>
    string Description { get; }

    /// <summary>Takes a snapshot; sizes and caps are always read from the hypervisor.</summary>
    /// <exception cref="HostLostException">xenstored died.</exception>
    HostSnapshot Observe();

    /// <summary>Carries out a command, if the domain is still the same.</summary>
    /// <exception cref="HostLostException">xenstored died.</exception>
    CommandOutcome Execute(HostCommand command);

    /// <summary>
    /// Completes when something has changed since the last <see cref="Observe"/> (a report, a target, the set of
    /// domains); at once if it already has.
    /// </summary>
    /// <exception cref="HostLostException">xenstored died.</exception>
    Task WaitForChangeAsync(CancellationToken cancellation);
}

/// <summary>The host at one moment: all input of a decision.</summary>
public sealed record HostSnapshot
{
    /// <summary>When it was taken, on a monotonic clock; only differences are meaningful.</summary>
    public required TimeSpan At { get; init; }

    /// <summary>The machine's memory.</summary>
    public required KiB Total { get; init; }

    /// <summary>
    /// Memory that can be given out: the hypervisor's free pages minus outstanding claims, which <c>free_pages</c> does
    /// not subtract.
    /// </summary>
    public required KiB Free { get; init; }

    /// <summary>The domains in ascending order of domid, including dom0 and dying ones; each domid once.</summary>
    public required ImmutableArray<DomainSnapshot> Domains { get; init; }
}

/// <summary>
/// The connection to the host is lost because xenstored died. It cannot be reopened in this process, because
/// libxenstore may then close a descriptor twice. The only safe reaction is to stop and let the service manager restart
/// the process.
/// </summary>
public sealed class HostLostException : Exception
{
    /// <summary>Creates the exception without a message.</summary>
    public HostLostException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was lost.</param>
    public HostLostException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was lost.</param>
    /// <param name="innerException">The error that showed the loss.</param>
    public HostLostException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
