namespace XenBalloon.Bus.Client;

/// <summary>The daemon could not be asked, or said no; the message is one line that says what to do.</summary>
public sealed class BalloonClientException : Exception
{
    /// <summary>Creates the exception without a message.</summary>
    public BalloonClientException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    public BalloonClientException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="innerException">How it showed.</param>
    public BalloonClientException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal BalloonClientException(BalloonClientCause cause, string message, Exception innerException)
        : base(message, innerException) => Cause = cause;

    /// <summary>Why.</summary>
    public BalloonClientCause Cause { get; }
}
