namespace XenBalloon.Xen;

/// <summary>This machine's Xen cannot be managed; the message names, in one line, the thing and the remedy.</summary>
public sealed class XenUnavailableException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="cause">Why.</param>
    /// <param name="message">The thing and the remedy, in one line.</param>
    /// <param name="innerException">How it showed.</param>
    public XenUnavailableException(XenUnavailableCause cause, string message, Exception? innerException = null)
        : base(message, innerException) => Cause = cause;

    /// <summary>Why.</summary>
    public XenUnavailableCause Cause { get; }
}
