namespace XenBalloon.Bus;

/// <summary>Something that was asked for cannot be done; the message is one line that says what to do.</summary>
public sealed class ControlRefusedException : Exception
{
    /// <summary>Creates the exception without a message.</summary>
    public ControlRefusedException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What cannot be done, and what to do.</param>
    public ControlRefusedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What cannot be done, and what to do.</param>
    /// <param name="innerException">How it showed.</param>
    public ControlRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="refusal">Why.</param>
    /// <param name="message">What cannot be done, and what to do.</param>
    public ControlRefusedException(ControlRefusal refusal, string message)
        : base(message) => Refusal = refusal;

    /// <summary>Why.</summary>
    public ControlRefusal Refusal { get; }
}
