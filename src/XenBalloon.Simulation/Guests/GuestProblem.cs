namespace XenBalloon.Simulation.Guests;

/// <summary>What cannot be meant in a guest's description.</summary>
/// <param name="Message">What is wrong, to be put after the guest's name.</param>
/// <param name="Keys">The keys of scenario files that it is about, the one to change first.</param>
internal sealed record GuestProblem(string Message, params string[] Keys);
