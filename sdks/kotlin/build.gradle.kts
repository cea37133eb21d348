plugins {
    kotlin("jvm") version "2.4.20"
    `java-library`
    `maven-publish`
}

group = "io.wearlink"
version = "0.1.0"

repositories {
    mavenCentral()
}

kotlin {
    explicitApi()
    compilerOptions {
        allWarningsAsErrors.set(true)
        jvmTarget.set(org.jetbrains.kotlin.gradle.dsl.JvmTarget.JVM_11)
    }
}

java {
    targetCompatibility = JavaVersion.VERSION_11
    withSourcesJar()
}

publishing {
    publications {
        create<MavenPublication>("library") { from(components["java"]) }
    }
}

// gradle story --args="BASE KEY USER PHOTO": the four calls against a server.
tasks.register<JavaExec>("story") {
    group = "verification"
    classpath = sourceSets["test"].runtimeClasspath
    mainClass.set("io.wearlink.sdk.StoryKt")
}
