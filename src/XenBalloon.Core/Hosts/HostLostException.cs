namespace XenBalloon.Core.Hosts;

/// <summary>
/// The connection to the host is lost (xenstored died) and cannot be made again in this process, since libxenstore may close a descriptor twice after
/// that. The only safe answer is to stop and let the service manager start us anew.
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
    /// <param name="innerException">How it showed.</param>
    public HostLostException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
