namespace XenBalloon.Bus.Tests.Polkit;

/// <summary>What polkit was asked.</summary>
/// <param name="Kind">What kind of subject.</param>
/// <param name="Subject">Who: a unique name of the bus.</param>
/// <param name="Action">What the subject wants to do.</param>
/// <param name="MayAsk">Whether a person may be asked for a password.</param>
/// <param name="Cancellation">The id by which the question can be taken back.</param>
internal sealed record PolkitQuestion(string Kind, string Subject, string Action, bool MayAsk, string Cancellation);
